"""Modules that a host gives the programs it runs, and that nothing installs anywhere else. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_MICROPYTHON = "MicroPython"
_HOSTS = {
    _MICROPYTHON: "machine micropython pyb rp2 esp32 utime uos usocket ustruct uasyncio ubinascii "
    "uhashlib urequests uselect",
    "CircuitPython": "displayio microcontroller",
    "a micro:bit": "microbit",
    "Google Colab": "google.colab",
    "Kaggle": "kaggle_secrets",
    "AWS Glue": "awsglue",
    "Maya": "maya.cmds maya.mel maya.api maya.OpenMaya maya.OpenMayaUI pymel",
    "Houdini": "hou",
    "Nuke": "nuke",
    "Cinema 4D": "c4d",
    "Fusion": "adsk",
    "FreeCAD": "FreeCAD FreeCADGui",
    "Rhino": "Rhino rhinoscriptsyntax scriptcontext",
    "Unreal Engine": "unreal",
    "Blender's game engine": "bge",
    "Ren'Py": "renpy",
    "GIMP": "gimpfu",
    "Krita": "krita",
    "OBS": "obspython",
    "Kodi": "xbmc xbmcaddon xbmcgui xbmcplugin xbmcvfs",
    "Sublime Text": "sublime sublime_plugin",
    "ArcGIS": "arcpy",
    "QGIS": "qgis",
    "IDA": "idaapi idautils",
    "Ghidra": "ghidra",
    "GDB": "gdb",
    "LLDB": "lldb",
}
HOSTS: dict[str, str] = {
    module: host for host, modules in _HOSTS.items() for module in modules.split()
}
"""Module, dotted where others share its first name → the host that has it."""

_BESIDE_MICROPYTHON = frozenset("dht esp framebuf network neopixel ntptime onewire".split())  # noqa: SIM905
"""Names that may be anybody's; beside a module of MicroPython they are its own."""


def host_of(module: str, beside: AbstractSet[str]) -> str:
    """Return the host that alone has a dotted module; empty where there is none.

    `beside` are the first names of all that the program imports.
    """
    if module in _BESIDE_MICROPYTHON and any(HOSTS.get(each) == _MICROPYTHON for each in beside):
        return _MICROPYTHON
    parts = module.split(".")
    names = (".".join(parts[:size]) for size in range(1, len(parts) + 1))
    return next((HOSTS[name] for name in names if name in HOSTS), "")
