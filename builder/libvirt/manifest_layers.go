package libvirt

import "slices"

// image is the digest of the image, empty in a build without layers.
func (l *buildLayers) image() string {
	if l == nil {
		return ""
	}
	return l.digests[l.last()].Digest
}

// base is the digest of the disk that the first task file is applied to, empty in a build without layers.
func (l *buildLayers) base() string {
	if l == nil {
		return ""
	}
	return l.digests[0].Digest
}

// withDigests adds to each task file the digest of the disk after it, and to a cached one the build that it is from.
func (l *buildLayers) withDigests(tasks []taskTime) []taskTime {
	if l == nil {
		return tasks
	}
	for i := range tasks {
		at := slices.IndexFunc(l.digests, func(d layerDigest) bool { return d.Task == tasks[i].Task })
		if at < 0 {
			continue // another provisioner's
		}
		tasks[i].Digest = l.digests[at].Digest
		if l.isCached() && at < l.chain.depth() {
			tasks[i].BuildID = l.chain.layers[at].buildID()
		}
	}
	return tasks
}
