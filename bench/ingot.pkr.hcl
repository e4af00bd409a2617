# The small profile of bench/ansible, built with Ingot: for scripts/bench, and for tests of layers.
packer {
  required_plugins {
    ingot = {
      source  = "github.com/ingot-images/ingot"
      version = ">= 0.1.0"
    }
  }
}

variable "ansible_directory" {
  type        = string
  description = "The folder that scripts/bench.d/content made."
}

variable "spec" {
  type        = string
  default     = "bench"
  description = "The profile."
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

variable "cache_directory" {
  type        = string
  description = "A cache of its own: one that is empty makes the build a cold one."
}

variable "accelerator" {
  type        = string
  default     = "tcg"
  description = "kvm or tcg."
}

variable "libvirt_uri" {
  type        = string
  default     = ""
  description = "qemu:///system or qemu:///session; empty for the user's default."
}

data "ingot-profile" "bench" {
  ansible_directory = var.ansible_directory
  spec              = var.spec
}

source "ingot-libvirt" "bench" {
  source_image          = var.source_image
  source_checksum       = var.source_checksum
  output_directory      = var.output_directory
  cache_directory       = var.cache_directory
  libvirt_uri           = var.libvirt_uri
  accelerator           = var.accelerator
  cpus                  = 2
  memory                = 2048
  disk_size             = 10240
  layers                = data.ingot-profile.bench.layers
  manifest              = data.ingot-profile.bench.manifest
  required_commands     = ["ansible-playbook", "ssh"]
  shutdown_confirmation = "ingot-seal: done"
}

build {
  sources = ["source.ingot-libvirt.bench"]

  provisioner "ingot-ansible" {
    ansible_directory = var.ansible_directory
    tasks             = data.ingot-profile.bench.tasks
    variables         = data.ingot-profile.bench.variables
  }
}
