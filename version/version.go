// Package version holds the plugin's version; the linker sets it for releases.
package version

import "github.com/hashicorp/packer-plugin-sdk/version"

var (
	// Version is the semantic version without prefix, e.g. 0.1.0.
	Version = "0.1.0"
	// VersionPrerelease is "dev" for builds from a checkout and empty for releases.
	VersionPrerelease = "dev"
	// PluginVersion is what `packer-plugin-ingot describe` prints.
	PluginVersion = version.NewPluginVersion(Version, VersionPrerelease, "")
)
