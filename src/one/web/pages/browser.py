"""What a browser calls itself, in the words that its person has for it."""

_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_LONGEST = 60


def machine(device: str) -> str:
    """`Firefox on Linux`; what it says itself where that is no browser that we know."""
    browser = next((name for mark, name in _BROWSERS if mark in device), "")
    system = next((name for mark, name in _MACHINES if mark in device), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or device[:_LONGEST] or "Something unknown"


def on_phone(device: str) -> bool:
    return "iPhone" in device or "Mobile" in device
