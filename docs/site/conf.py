"""The static site, by Sphinx: `make site` writes it to build/site. Pages ask nothing of the network: formulas are MathML."""

import json
import sys
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

project, author, language = "crlkit", "The crlkit maintainers", "en"
extensions = ["myst_nb", "autoapi.extension"]
root_doc = "docs/site/index"
include_patterns = [
    "docs/**",
    "notebooks/*.ipynb",
    "figures/README.md",
    "README.md",
    "CONTRIBUTING.md",
    "data/README.md",
]
include_patterns += ["reference/**"]  # what autoapi writes for the time of the build
html_theme, html_title, html_extra_path = "furo", "crlkit", ["index.html"]
html_static_path, html_css_files = ["wide.css"], ["wide.css"]
html_math_renderer, html_copy_source, html_show_sphinx = "mathml", False, False
templates_path, smartquotes, default_role = [], False, "code"

nb_execution_mode, nb_ipywidgets_js, nb_merge_streams = "off", {}, True
myst_enable_extensions, myst_heading_anchors = ["dollarmath"], 4
autoapi_dirs, autoapi_root, autoapi_add_toctree_entry = [str(ROOT / "crlkit")], "reference", False
autoapi_options, autoapi_member_order = ["members", "show-module-summary"], "bysource"
suppress_warnings = [
    "myst.xref_missing",
    "myst.header",
    "mystnb.unknown_mime_type",
    "docutils",
    "ref.python",
    "autoapi",
]

SLIDER = "<em>A slider that asks the kernel: `make lab` opens the notebook with it.</em>"


class Explorable(SphinxDirective):
    """One of `crlkit.explore`, by name."""

    required_arguments = 1

    def run(self):
        from crlkit import explore

        return [nodes.raw("", getattr(explore, self.arguments[0])().data, format="html")]


def without_kernel(app, name, source):
    """Replaces in a notebook what only a kernel can draw."""
    if name.startswith("notebooks/"):
        notebook = json.loads(source[0])
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                if "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
                    progress = "%|" in "".join(output["data"].get("text/plain", ""))  # the last state of a bar
                    output["data"] = {"text/html": "" if progress else SLIDER}
        source[0] = json.dumps(notebook)


def mathml(display):
    def visit(writer, node):
        writer.body.append(convert(node.astext(), display=display))
        raise nodes.SkipNode

    return visit, None


def setup(app):
    app.add_directive("explorable", Explorable)
    app.add_html_math_renderer("mathml", inline_renderers=mathml("inline"), block_renderers=mathml("block"))
    app.connect("source-read", without_kernel)
