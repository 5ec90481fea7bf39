from collections.abc import Callable
from pathlib import Path

import pytest

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" {}>{}</rdf:Description>
</rdf:RDF></x:xmpmeta>"""


@pytest.fixture(scope="session")
def sidecar() -> Callable[..., Path]:
    """sidecar(path, elements, **attributes): write Camera Raw's settings."""

    def write(path: Path, elements: str = "", **settings: object) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(XMP.format(" ".join(f'crs:{key}="{value}"' for key, value in settings.items()), elements))
        return path

    return write
