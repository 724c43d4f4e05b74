#!/usr/bin/env python3
"""Finds links of the Markdown files that lead nowhere: files, folders and headings. Asks no network."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")


def markdown_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def without_code(text: str) -> str:
    return CODE.sub("", FENCE.sub("", text))


def anchors(path: Path) -> set[str]:
    """The names that a forge gives to the headings of a page."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", FENCE.sub("", path.read_text()), re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        repeated = sum(1 for other in found if re.fullmatch(re.escape(name) + r"(-\d+)?", other))
        found.add(f"{name}-{repeated}" if repeated else name)
    return found


def faults(page: Path) -> list[str]:
    found = []
    for target in LINK.findall(without_code(page.read_text())):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        where, _, anchor = unquote(target).partition("#")
        other = (page.parent / where).resolve() if where else page
        if not other.exists():
            found.append(f"{page.relative_to(ROOT)}: {target}: there is no such file")
        elif not other.is_relative_to(ROOT):
            found.append(f"{page.relative_to(ROOT)}: {target}: leaves the project")
        elif anchor and other.suffix == ".md" and anchor not in anchors(other):
            found.append(f"{page.relative_to(ROOT)}: {target}: there is no such heading")
    return found


def main() -> int:
    found = [fault for page in markdown_files() for fault in faults(page)]
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
