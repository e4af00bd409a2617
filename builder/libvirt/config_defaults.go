package libvirt

import (
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// setDefaults fills what the template left out. It does not validate.
func (c *Config) setDefaults() {
	setDefault(&c.OutputDirectory, filepath.Join("output", c.PackerBuildName))
	setDefault(&c.ImageName, "ingot-"+c.PackerBuildName+".qcow2")
	setDefault(&c.Compression, "zstd")
	setDefault(&c.DownloadTimeout, time.Hour)
	setDefault(&c.LibvirtURI, defaultURI(os.Geteuid()))
	setDefault(&c.CacheDirectory, defaultCacheDirectory(os.Geteuid()))
	setDefault(&c.Cache, "on")
	setDefault(&c.CacheSize, defaultCacheSize)
	setDefault(&c.CacheAge, defaultCacheAge)
	setDefault(&c.Accelerator, "auto")
	setDefault(&c.CPUs, min(runtime.NumCPU(), 4))
	setDefault(&c.Memory, 2048)
	setDefault(&c.DiskSize, 10240)
	setDefault(&c.RootSize, c.DiskSize)
	setDefault(&c.Machine, guestArchitecture().machine)
	setDefault(&c.Firmware, guestArchitecture().firmware)
	setDefault(&c.NetworkType, "user")
	if c.NetworkType == "network" {
		setDefault(&c.NetworkName, "default")
	}
	setDefault(&c.HostPortMin, 22000)
	setDefault(&c.HostPortMax, 23000)
	setDefault(&c.Hostname, "ingot-build")
	setDefault(&c.CloudInitTimeout, 15*time.Minute)
	setDefault(&c.ShutdownTimeout, 5*time.Minute)
	setDefault(&c.ExportTimeout, time.Hour)
	setDefault(&c.Comm.SSHUsername, "builder")
	setDefault(&c.Comm.SSHTimeout, 10*time.Minute)
}

const (
	defaultCacheSize = 50 << 10 // MiB
	defaultCacheAge  = 30 * 24 * time.Hour
)

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func defaultURI(uid int) string {
	if uid == 0 {
		return "qemu:///system"
	}
	return "qemu:///session"
}

// defaultCacheDirectory keeps root's cache out of /root, which the user that runs QEMU cannot enter.
func defaultCacheDirectory(uid int) string {
	if dir := os.Getenv("PACKER_CACHE_DIR"); dir != "" {
		return filepath.Join(dir, "ingot")
	}
	if uid == 0 {
		return "/var/cache/ingot"
	}
	dir, err := os.UserCacheDir()
	if err != nil { // no HOME: a relative directory still works
		dir = ".cache"
	}
	return filepath.Join(dir, "ingot")
}

// architecture is what the guest's architecture, the host's own, decides.
type architecture struct{ name, machine, firmware string }

func guestArchitecture() architecture {
	if runtime.GOARCH == "arm64" {
		return architecture{name: "aarch64", machine: "virt", firmware: "uefi"}
	}
	return architecture{name: "x86_64", machine: "q35", firmware: "bios"}
}
