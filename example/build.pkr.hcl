# An image of your own: the task files and pins of Ingot, the profile that you name. See README.md.
packer {
  required_version = ">= 1.12.0"
  required_plugins {
    ingot = {
      source  = "github.com/ingot-images/ingot"
      version = ">= 0.1.0"
    }
  }
}

variable "ingot" {
  type        = string
  default     = ".."
  description = "The folder with Ingot's ansible/ and versions.yaml: relative to this file, or absolute."
}

variable "profile" {
  type        = string
  default     = "base"
  description = "The spec to build: a file in ansible/specs, without .yaml."
}

variable "base_image" {
  type        = string
  default     = "debian-13"
  description = "The cloud image to start from: a key of `images` in versions.yaml."
}

locals {
  ingot = can(regex("^/", var.ingot)) ? var.ingot : "${path.root}/${var.ingot}"
}

data "ingot-versions" "pinned" {
  file  = "${local.ingot}/versions.yaml"
  image = var.base_image
}

data "ingot-profile" "chosen" {
  ansible_directory = "${local.ingot}/ansible"
  spec              = var.profile
  pins              = jsonencode(data.ingot-versions.pinned.pins)
}

source "ingot-libvirt" "image" {
  source_image          = data.ingot-versions.pinned.image_url
  source_checksum       = data.ingot-versions.pinned.image_checksum
  output_directory      = "output/${var.profile}"
  artifacts             = data.ingot-profile.chosen.artifacts
  layers                = data.ingot-profile.chosen.layers
  manifest              = data.ingot-profile.chosen.manifest
  root_size             = 10240 # MiB, for the read-only root
  disk_size             = 20480 # MiB; what is left is for /var, /home, and changes in /etc
  required_commands     = ["ansible-playbook", "ssh"]
  shutdown_confirmation = "ingot-seal: done"
}

build {
  sources = ["source.ingot-libvirt.image"]

  provisioner "ingot-ansible" {
    ansible_directory = "${local.ingot}/ansible"
    tasks             = data.ingot-profile.chosen.tasks
    variables         = data.ingot-profile.chosen.variables
  }

  post-processor "ingot-verify" {
    ansible_directory = "${local.ingot}/ansible"
    tasks             = data.ingot-profile.chosen.tasks
    variables         = data.ingot-profile.chosen.variables
    declared          = data.ingot-profile.chosen.declared
  }
}
