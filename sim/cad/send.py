"""Sends documents to the service, as a CAD's interface program does."""

from typing import Any

import httpx

TIMEOUT_S = 10.0


def send_eido(service_url: str, token: str, document: dict[str, Any]) -> dict[str, Any]:
    """POST one EIDO; the service's answer. Raises httpx.HTTPStatusError with the problem's sentence in its response."""
    response = httpx.post(
        f"{service_url}/api/v1/cad/eido",
        json=document,
        headers={"Authorization": f"Bearer {token}"},
        timeout=TIMEOUT_S,
    )
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer
