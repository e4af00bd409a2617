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

variable "output" {
  type        = string
  description = "The directory of the image to boot, with the manifest.json that says what went into it."
  validation {
    condition     = fileexists("${var.output}/manifest.json")
    error_message = "The output must be a directory with an image and its manifest.json."
  }
}

# The image is held against the pins it was built from, which may not be today's.
data "ingot-profile" "verified" {
  ansible_directory = "${path.root}/../ansible"
  spec              = jsondecode(file("${var.output}/manifest.json")).profile.spec
  pins              = jsonencode(jsondecode(file("${var.output}/manifest.json")).profile.pins)
}

locals {
  image = jsondecode(file("${var.output}/manifest.json")).image
}

source "ingot-libvirt" "verify" {
  source_image      = "${var.output}/${local.image.file}"
  source_checksum   = local.image.checksum
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
