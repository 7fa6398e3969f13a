"""From requirement lines and imports to pins and a layer of unpacked wheels."""
