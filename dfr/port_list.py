"""`dfr ports`: the machine's serial ports, and what to write into the site file for each."""

from dfr.config import Config
from dfr.fleet.link_url import parse_link
from dfr.fleet.ports import Port, is_named_by, link_text


def port_lines(ports: tuple[Port, ...], config: Config | None) -> list[str]:
    """A paragraph a port; with a site also which asset declares it, and which declared ports are not plugged in."""
    lines: list[str] = []
    urls = [] if config is None else [(asset, parse_link(asset.link)) for asset in config.assets]
    for port in ports:
        owners = [asset.id for asset, url in urls if url.scheme == "serial" and is_named_by(url, port)]
        maker = ", ".join(part for part in (port.description, port.maker) if part) or "unknown"
        lines.append(f"{port.device}  {maker}  serial number {port.serial_number or 'none'}")
        lines.append(f'  link = "{link_text(port, ports)}"')
        if config is not None:
            lines.append(f"  declared by {', '.join(owners)}" if owners else "  declared by no asset")
    for asset, url in urls:
        if url.scheme == "serial" and not any(is_named_by(url, port) for port in ports):
            lines.append(f"{asset.id} declares {url.text}, which is not plugged in.")
    return lines or ["This machine has no serial port."]
