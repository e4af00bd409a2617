# The same content from the same base image with packer-plugin-qemu and packer-plugin-ansible: the same task files, processors, memory and disk.
# What a careful user would set is set: no boot wait, an unsafe write cache, discard, no SSH proxy, and Ansible's own configuration of the
# task files with pipelining. With plain = true all of that is left at the plugins' and Ansible's defaults.
packer {
  required_plugins {
    qemu = {
      source  = "github.com/hashicorp/qemu"
      version = ">= 1.1.0"
    }
    ansible = {
      source  = "github.com/hashicorp/ansible"
      version = ">= 1.1.0"
    }
  }
}

variable "ansible_directory" {
  type        = string
  description = "The folder that scripts/bench.d/content made."
}

variable "source_image" {
  type        = string
  description = "Path or URL of the cloud image to start from."
}

variable "source_checksum" {
  type        = string
  description = "Its checksum."
}

variable "output_directory" {
  type        = string
  description = "The directory that receives the image."
}

variable "accelerator" {
  type        = string
  default     = "tcg"
  description = "kvm or tcg."
}

variable "private_key" {
  type        = string
  description = "Path of the private key that the seed's user accepts."
}

variable "seed" {
  type        = string
  description = "Path of a NoCloud seed: a volume named CIDATA with user-data and meta-data. A virtio disk, as Debian's cloud kernel reads no CD-ROM."
}

variable "plain" {
  type        = bool
  default     = false
  description = "Leave at its default what can be."
}

source "qemu" "bench" {
  disk_image           = true
  iso_url              = var.source_image
  iso_checksum         = var.source_checksum
  output_directory     = var.output_directory
  vm_name              = "bench.qcow2"
  format               = "qcow2"
  disk_size            = "10240M"
  disk_compression     = true
  accelerator          = var.accelerator
  machine_type         = "q35"
  cpu_model            = var.accelerator == "kvm" ? "host" : "max,-cx16" # with it, Linux 6.12 panics under QEMU 7.2
  cpus                 = 2
  memory               = 2048
  headless             = true
  boot_wait            = var.plain ? null : "-1s"
  ssh_username         = "builder"
  ssh_private_key_file = var.private_key
  ssh_timeout          = "10m"
  shutdown_command     = "sudo systemctl poweroff"
  qemuargs = [
    ["-drive", "file={{ .OutputDir }}/{{ .Name }},if=virtio,format=qcow2,${var.plain ? "cache=writeback" : "cache=unsafe,discard=unmap,detect-zeroes=unmap"}"],
    ["-drive", "file=${var.seed},if=virtio,format=raw,readonly=on"],
    ["-serial", "file:${var.output_directory}.console.log"],
  ]
}

build {
  sources = ["source.qemu.bench"]

  provisioner "ansible" {
    playbook_file    = "${var.ansible_directory}/build.yaml"
    host_alias       = "image"
    user             = "builder"
    use_proxy        = var.plain
    ansible_env_vars = var.plain ? [] : ["ANSIBLE_CONFIG=${var.ansible_directory}/ansible.cfg"]
    extra_arguments  = ["-e", jsonencode({ ingot_tasks = ["packages", "settings", "app", "harden"] })]
  }
}
