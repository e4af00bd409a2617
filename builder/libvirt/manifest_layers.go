package libvirt

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

// withDigests adds to each task file the digest of the disk after it.
func (l *buildLayers) withDigests(tasks []taskTime) []taskTime {
	if l == nil {
		return tasks
	}
	for i := range tasks {
		for _, d := range l.digests[1:] {
			if d.Task == tasks[i].Task {
				tasks[i].Digest = d.Digest
			}
		}
	}
	return tasks
}
