"""Hooks of the site (mkdocs.yml): what the pages of docs/ link to outside it becomes pages, and `python.md` gets more.

On a code host, `../recipes/upscale-x2.toml` is a link to a file of the repository. The site has a page for each such
file, under `repository/`, so that it is complete without a host. Links in Markdown files of the repository, such as
`CONTRIBUTING.md`, are followed too.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)(?=[)#])")
"""The path of a link, without its anchor."""
PROJECT = ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
"""Pages of the menu that are outside docs/."""
LANGUAGES = {".py": "python", ".toml": "toml", ".json": "json", ".pyi": "python"}
PUBLIC = re.compile(r"^\| `(repix\.\w+)` \|", re.MULTILINE)
"""The names in the tables of python.md."""
FOREIGN = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=\"(https?://[^\"]+)")
FAMILIES = ("degradations", "filters", "losses", "metrics", "networks", "upsampling")
"""The packages whose functions are plugins."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for every file outside docs/ that a page links to."""
    waiting = [*(ROOT / name for name in PROJECT), *linked(Path(config.docs_dir).rglob("*.md"))]
    while waiting:
        path = waiting.pop()
        if files.get_file_from_path(site_path(path)) is None:
            files.append(File.generated(config, site_path(path), content=page_of(path)))
            waiting += linked([path] if path.suffix == ".md" else [])
    for family in FAMILIES:
        files.append(File.generated(config, f"repository/python/{family}.md", content=functions_of(family)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links outside docs/ to their pages; add all functions to `python.md`."""
    source = page.file.src_uri
    path = ROOT / source.removeprefix("repository/") if source.startswith("repository/") else ROOT / "docs" / source
    if path.suffix == ".md" and path.is_file():
        markdown = LINK.sub(lambda found: site_link(path, found[1]), markdown)
    markdown = with_deeper_lists(markdown)
    if source == "python.md":
        names = PUBLIC.findall(markdown.partition("<!-- end -->")[0])
        markdown += "\n\n## In detail\n\n" + "\n\n".join(f"::: {name}" for name in names)
    return markdown


def with_deeper_lists(markdown: str) -> str:
    r"""Return a page whose numbered items go on at four spaces, as Python-Markdown wants them, instead of three.

    >>> with_deeper_lists("1. a\n   b\n\n   c\n\nd\n   e")
    '1. a\n    b\n\n    c\n\nd\n   e'
    """
    inside, lines = False, []
    for line in markdown.split("\n"):
        inside = bool(re.match(r"\d+\. ", line)) or (inside and (not line or line.startswith("   ")))
        lines.append(f" {line}" if inside and line.startswith("   ") else line)
    return "\n".join(lines)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Refuse a page that loads something from the network."""
    if found := FOREIGN.search(output):
        raise PluginError(f"{page.file.src_uri} loads {found[1]}; the site must work without the network.")
    return output


def linked(pages: Iterator[Path] | list[Path]) -> list[Path]:
    """Return the files and folders outside docs/ that some pages link to."""
    found = [(page.parent / link).resolve() for page in pages for link in LINK.findall(page.read_text("utf-8"))]
    return [path for path in found if path.exists() and not path.is_relative_to(ROOT / "docs")]


def site_path(path: Path) -> str:
    """Return the source path that a file of the repository has in the site."""
    if path.is_relative_to(ROOT / "docs"):
        return path.relative_to(ROOT / "docs").as_posix()
    inside = f"repository/{path.relative_to(ROOT).as_posix()}"
    return inside if path.suffix == ".md" else f"{inside}.md"


def site_link(page: Path, link: str) -> str:
    """Return a link of a page as the site has it."""
    target = (page.parent / link).resolve()
    if not target.is_relative_to(ROOT):
        return link
    return posixpath.relpath(site_path(target), posixpath.dirname(site_path(page)) or ".")


def page_of(path: Path) -> str:
    """Return the page for a file or folder of the repository."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    if path.is_dir():
        return "\n".join([f"# {name}", "", *(f"- `{file.name}`" for file in sorted(path.iterdir()))])
    return f"# {name}\n\n~~~~{LANGUAGES.get(path.suffix, 'text')}\n{path.read_text(encoding='utf-8')}~~~~\n"


def functions_of(family: str) -> str:
    """Return the page with all functions of a plugin family, from the stub that lists them."""
    stub = (ROOT / "src" / "repix" / family / "_functions.pyi").read_text(encoding="utf-8")
    elsewhere = re.findall(r"^from ([\w.]+) import (\w+) as", stub, re.MULTILINE)
    here = re.findall(r"^def (\w+)", stub, re.MULTILINE)
    names = [f"{module}.{name}" for module, name in elsewhere] + [f"repix.{family}._functions.{name}" for name in here]
    return f"# Functions of repix.{family}\n\n" + "\n\n".join(f"::: {name}" for name in sorted(set(names)))
