"""`python -m dfr.server.openapi FILE` writes the OpenAPI document, from which the pages' types are generated."""

import json
import sys
from pathlib import Path

from dfr.server.factory import openapi_document


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("Say where the document goes: python -m dfr.server.openapi web/openapi.json")
    Path(sys.argv[1]).write_text(json.dumps(openapi_document(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
