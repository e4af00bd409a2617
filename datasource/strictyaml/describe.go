package strictyaml

import (
	"fmt"
	"math"

	"github.com/agext/levenshtein"
	"gopkg.in/yaml.v3"
)

// DidYouMean returns "; did you mean x?" when one of the known words is close to word, or "". Of equally close ones
// it takes the last: in sorted names that is the newest release.
func DidYouMean(word string, known []string) string {
	best, distance := "", 1+len(word)/3
	for _, candidate := range known {
		if d := levenshtein.Distance(word, candidate, nil); d <= distance {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// describe says what n is, for "got …" in a message.
func describe(n *Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Value == "" || isNull(n):
		return "nothing"
	}
	return n.Value
}

func isNull(n *Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func finite(n *Node) bool {
	var v float64
	return n.Decode(&v) == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}
