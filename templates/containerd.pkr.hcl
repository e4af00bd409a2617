# The rootless container host: base, and what any user needs to run containers without root. Build it with
# `make image PROFILE=containerd`, or `packer build templates/containerd.pkr.hcl`.
packer {
  required_version = ">= 1.12.0"
  required_plugins {
    ingot = {
      source  = "github.com/ingot-images/ingot"
      version = ">= 0.1.0"
    }
  }
}

variable "base_image" {
  type        = string
  default     = "debian-13"
  description = "The cloud image to start from: a key of `images` in versions.yaml."
  validation {
    condition     = can(regex("^[a-z][a-z0-9.-]*$", var.base_image))
    error_message = "The base_image must be a key of images in versions.yaml, such as debian-13."
  }
}

variable "source_image" {
  type        = string
  default     = ""
  description = "Path or URL of a cloud image of your own instead of base_image; it needs source_checksum."
}

variable "source_checksum" {
  type        = string
  default     = ""
  description = "The checksum of source_image: sha256:... or sha512:..., or the word none."
  validation {
    condition     = can(regex("^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|none|)$", var.source_checksum))
    error_message = "The source_checksum must be sha256: with 64 or sha512: with 128 lower-case hexadecimal digits, or none."
  }
}

variable "versions_file" {
  type        = string
  default     = ""
  description = "Path of a file to use instead of the versions.yaml of this repository."
}

variable "mirrors" {
  type        = map(string)
  default     = {}
  description = "Base URLs that take the place of scheme and host of downloads, by host: {\"github.com\" = \"https://mirror.example/github.com\"}."
}

variable "output_directory" {
  type        = string
  default     = "output/containerd"
  description = "The directory that receives the image and what belongs to it."
}

variable "accelerator" {
  type        = string
  default     = "auto"
  description = "kvm, tcg (emulation), or auto: KVM when a guest really boots under it."
  validation {
    condition     = contains(["auto", "kvm", "tcg"], var.accelerator)
    error_message = "The accelerator must be auto, kvm or tcg."
  }
}

variable "disk_size" {
  type        = number
  default     = 20480
  description = "The size of the image's disk in MiB. What root_size leaves of it is for the state: /var, /home, and changes in /etc."
  validation {
    condition     = var.disk_size >= 2048
    error_message = "The disk_size must be at least 2048 MiB."
  }
}

variable "root_size" {
  type        = number
  default     = 10240
  description = "How much of the disk is for the read-only root, in MiB."
  validation {
    condition     = var.root_size >= 2048
    error_message = "The root_size must be at least 2048 MiB."
  }
}

data "ingot-versions" "pinned" {
  file  = var.versions_file != "" ? var.versions_file : "${path.root}/../versions.yaml"
  image = var.base_image
}

data "ingot-profile" "containerd" {
  ansible_directory = "${path.root}/../ansible"
  spec              = "containerd"
  pins              = jsonencode(data.ingot-versions.pinned.pins)
}

source "ingot-libvirt" "containerd" {
  source_image          = var.source_image != "" ? var.source_image : data.ingot-versions.pinned.image_url
  source_checksum       = var.source_image != "" ? var.source_checksum : data.ingot-versions.pinned.image_checksum
  output_directory      = var.output_directory
  accelerator           = var.accelerator
  disk_size             = var.disk_size
  root_size             = var.root_size
  artifacts             = data.ingot-profile.containerd.artifacts
  mirrors               = var.mirrors
  manifest              = data.ingot-profile.containerd.manifest
  layers                = data.ingot-profile.containerd.layers
  required_commands     = ["ansible-playbook", "ssh"]
  shutdown_confirmation = "ingot-seal: done"
}

build {
  sources = ["source.ingot-libvirt.containerd"]

  provisioner "ingot-ansible" {
    ansible_directory = "${path.root}/../ansible"
    tasks             = data.ingot-profile.containerd.tasks
    variables         = data.ingot-profile.containerd.variables
    ansible_timeout   = "3h" # without KVM, NVIDIA's modules alone can take an hour
  }

  post-processor "ingot-verify" {
    ansible_directory = "${path.root}/../ansible"
    tasks             = data.ingot-profile.containerd.tasks
    variables         = data.ingot-profile.containerd.variables
    declared          = data.ingot-profile.containerd.declared
    accelerator       = var.accelerator
  }
}
