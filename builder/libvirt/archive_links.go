package libvirt

import (
	"archive/tar"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// archiveLinks are the symbolic links that the entries so far have made: name to target, as they are written in the archive.
// A link may lead anywhere, as those of whole systems do; what follows must not be written through one that leads out.
type archiveLinks map[string]string

const (
	maxLinks = 40   // that the kernel follows in one path
	maxPath  = 4096 // bytes that it takes as one path, or as the target of a link
)

// check judges one entry by where it, and the file that it is a hard link to, would be. GNU tar, which unpacks it in the guest,
// refuses `..` in names as well.
func (l archiveLinks) check(header *tar.Header) error {
	if err := checkName(header.Name); err != nil {
		return err
	}
	name, err := l.real(header.Name)
	if err != nil {
		return err
	}
	switch header.Typeflag {
	case tar.TypeSymlink:
		if len(header.Linkname) >= maxPath {
			return fmt.Errorf("is a symbolic link to a path of %d bytes, of at most %d that a system takes", len(header.Linkname), maxPath-1)
		}
		l[name] = header.Linkname
		return nil
	case tar.TypeLink:
		target, err := l.linked(header.Linkname)
		if err != nil {
			return fmt.Errorf("is a hard link to %q, which %w", cutName(header.Linkname), err)
		}
		if symbolic, ok := l[target]; ok {
			l[name] = symbolic
			return nil
		}
	}
	if _, err := l.follow(name); err != nil { // not every program replaces the link, as GNU tar does
		return err
	}
	delete(l, name)
	return nil
}

// linked is where the target of a hard link really is. It is written as seen from the archive's root.
func (l archiveLinks) linked(target string) (string, error) {
	if err := checkName(target); err != nil {
		return "", err
	}
	return l.real(target)
}

// real is where an entry would be: its folder is followed through the links, the entry itself may replace one.
func (l archiveLinks) real(name string) (string, error) {
	name = path.Clean(name)
	folder, err := l.follow(path.Dir(name))
	return path.Join(folder, path.Base(name)), err
}

func checkName(name string) error {
	if len(name) >= maxPath {
		return fmt.Errorf("cannot be unpacked: its path has %d bytes, of at most %d that a system takes", len(name), maxPath-1)
	}
	if path.IsAbs(name) {
		return errors.New("would be outside of the folder that the archive is unpacked in: its path is absolute")
	}
	if slices.Contains(strings.Split(name, "/"), "..") {
		return errors.New(`would be outside of the folder that the archive is unpacked in: its path has ".."`)
	}
	return nil
}

// follow walks a path as the kernel would, through the links.
func (l archiveLinks) follow(name string) (string, error) {
	var at []string
	ahead := strings.Split(name, "/")
	for followed := 0; len(ahead) > 0; {
		part := ahead[0]
		ahead = ahead[1:]
		switch {
		case part == "" || part == ".":
			continue
		case part == ".." && len(at) == 0:
			return "", errors.New("would be outside of the folder that the archive is unpacked in")
		case part == "..":
			at = at[:len(at)-1]
			continue
		}
		at = append(at, part)
		link := path.Join(at...)
		if len(link) >= maxPath {
			return "", fmt.Errorf("cannot be unpacked: its path is longer than %d bytes behind the symbolic links in it", maxPath-1)
		}
		target, ok := l[link]
		if !ok {
			continue
		}
		if followed++; path.IsAbs(target) || followed > maxLinks {
			return "", fmt.Errorf("would be written through the symbolic link %q to %q, outside of the folder that the archive is unpacked in",
				cutName(link), cutName(target))
		}
		at = at[:len(at)-1]
		ahead = append(strings.Split(target, "/"), ahead...)
	}
	return path.Join(at...), nil
}
