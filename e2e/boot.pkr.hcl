# Boots a finished image on a throw-away overlay with an identity of its own, runs the proofs of its task files, and keeps nothing.
packer {
  required_version = ">= 1.12.0"
  required_plugins {
    ingot = {
      source  = "github.com/ingot-images/ingot"
      version = ">= 0.1.0"
    }
  }
}

variable "image" {
  type        = string
  description = "Path of the image to boot."
  validation {
    condition     = length(var.image) > 0
    error_message = "The image must be a path."
  }
}

variable "checksum" {
  type        = string
  description = "The checksum that the image was published with."
  validation {
    condition     = can(regex("^sha256:[0-9a-f]{64}$", var.checksum))
    error_message = "The checksum must be sha256: with 64 lower-case hexadecimal digits."
  }
}

variable "spec" {
  type        = string
  default     = "base"
  description = "The spec that the image was built from."
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.spec))
    error_message = "The spec must be the name of a file in ansible/specs, without .yaml."
  }
}

data "ingot-versions" "pinned" {
  file = "${path.root}/../versions.yaml"
}

data "ingot-profile" "verified" {
  ansible_directory = "${path.root}/../ansible"
  spec              = var.spec
  pins              = jsonencode(data.ingot-versions.pinned.pins)
}

source "ingot-libvirt" "verify" {
  source_image      = var.image
  source_checksum   = var.checksum
  ssh_username      = "somebody"
  hostname          = "somewhere"
  skip_export       = true
  required_commands = ["ansible-playbook", "ssh"]
}

build {
  sources = ["source.ingot-libvirt.verify"]

  provisioner "ingot-ansible" {
    ansible_directory = "${path.root}/../ansible"
    playbook          = "verify.yaml"
    tasks             = data.ingot-profile.verified.tasks
    variables         = data.ingot-profile.verified.variables
  }
}
