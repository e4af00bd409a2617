# What HashiCorp's integrations page shows of this plugin. The pages beside this file are made by `make generate` from docs/.
integration {
  name        = "Ingot"
  description = "Builds golden VM images under libvirt from pinned cloud images and Ansible task files, and boots each before it is handed over."
  identifier  = "packer/ingot-images/ingot"
  flags       = ["hcp-ready"]
  docs {
    process_docs    = true
    readme_location = "./README.md"
    external_url    = "https://github.com/ingot-images/packer-plugin-ingot"
  }
  license {
    type = "MPL-2.0"
    url  = "https://github.com/ingot-images/packer-plugin-ingot/blob/main/LICENSE"
  }
  component {
    type = "builder"
    name = "Ingot libvirt"
    slug = "libvirt"
  }
  component {
    type = "data-source"
    name = "Ingot versions"
    slug = "versions"
  }
  component {
    type = "data-source"
    name = "Ingot profile"
    slug = "profile"
  }
  component {
    type = "provisioner"
    name = "Ingot Ansible"
    slug = "ansible"
  }
  component {
    type = "post-processor"
    name = "Ingot verify"
    slug = "verify"
  }
}
