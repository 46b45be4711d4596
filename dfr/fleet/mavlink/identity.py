"""Which aircraft is whose: by system id, by the autopilot's serial number, or by both. Thread-safe.

An aircraft that the site declares with a serial number is nobody until it has told it, and again after every silence
in which another one may have taken its place.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dfr.core.asset import Asset
from dfr.fleet.mavlink.decode import Fields
from dfr.fleet.serial_number import serial_number_of

ASK_AGAIN_S = 0.5
PATIENCE_S = 5.0
"""An aircraft that does not tell its number for so long is said not to."""


@dataclass(slots=True)
class _Heard:
    """One system id on the air."""

    first_s: float
    last_s: float
    asked_s: float = -1e9
    serial_number: str = ""
    told: bool = False
    asset_id: str | None = None


class Identities:
    """`on_change(asset_id, system_id)`: an asset was found behind that id, or is no longer (None)."""

    def __init__(
        self,
        assets: Iterable[Asset],
        silence_s: float,
        on_change: Callable[[str, int | None], None],
        may_claim: Callable[[int], bool] = lambda _: True,
    ) -> None:
        """`may_claim`: whether what a system id says of itself is to be believed (signing)."""
        self._assets = {asset.id: asset for asset in assets}
        self._by_system_id = {asset.system_id: asset for asset in assets if asset.system_id is not None}
        self._by_serial_number = {asset.serial_number: asset for asset in assets if asset.serial_number}
        self._silence_s = silence_s
        self._on_change = on_change
        self._may_claim = may_claim
        self._lock = threading.RLock()
        self._heard: dict[int, _Heard] = {}

    def owner(self, system_id: int, name: str, fields: Fields, now_s: float) -> str | None:
        """The asset that a message of the autopilot is of; None: a stranger's, or nobody knows yet."""
        with self._lock:
            heard = self._heard.setdefault(system_id, _Heard(now_s, now_s))
            if now_s - heard.last_s > self._silence_s:
                self._forget(system_id, heard, now_s)
            heard.last_s = now_s
            if name == "AUTOPILOT_VERSION":
                heard.serial_number, heard.told = serial_number_of(fields), True
                self._settle(system_id, heard)
            elif heard.asset_id is None and not heard.told:
                self._settle(system_id, heard)
            return heard.asset_id

    def _forget(self, system_id: int, heard: _Heard, now_s: float) -> None:
        asset_id, known = heard.asset_id, self._assets.get(heard.asset_id or "")
        heard.first_s, heard.asked_s, heard.told, heard.serial_number = now_s, -1e9, False, ""
        if asset_id is not None and known is not None and known.serial_number:
            heard.asset_id = None
            self._on_change(asset_id, None)

    def _settle(self, system_id: int, heard: _Heard) -> None:
        found = self._match(system_id, heard)
        before, heard.asset_id = heard.asset_id, None if found is None else found.id
        if before != heard.asset_id:
            if before is not None:
                self._on_change(before, None)
            if found is not None:
                self._on_change(found.id, system_id)

    def _match(self, system_id: int, heard: _Heard) -> Asset | None:
        declared = self._by_system_id.get(system_id)
        if declared is not None:
            return declared if not declared.serial_number or declared.serial_number == heard.serial_number else None
        asset = self._by_serial_number.get(heard.serial_number) if heard.serial_number else None
        if asset is None or asset.system_id is not None or not self._may_claim(system_id):
            return None
        elsewhere = any(one.asset_id == asset.id for key, one in self._heard.items() if key != system_id)
        return None if elsewhere else asset

    def may_be_ours(self, system_id: int) -> bool:
        """Whether an asset may be behind this id."""
        return system_id in self._by_system_id or bool(self._by_serial_number)

    def owner_now(self, system_id: int) -> str | None:
        """The asset behind this id, as far as it is known."""
        heard = self._heard.get(system_id)
        return None if heard is None else heard.asset_id

    def is_owned(self, system_id: int) -> bool:
        return self.owner_now(system_id) is not None

    def to_ask(self, now_s: float) -> list[int]:
        """System ids that should be asked for AUTOPILOT_VERSION now: those whose number decides whose they are."""
        with self._lock:
            asked = []
            for system_id, heard in self._heard.items():
                declared = self._by_system_id.get(system_id)
                matters = bool(self._by_serial_number) if declared is None else bool(declared.serial_number)
                audible = now_s - heard.last_s < self._silence_s
                if matters and audible and not heard.told and now_s - heard.asked_s > ASK_AGAIN_S:
                    heard.asked_s = now_s
                    asked.append(system_id)
            return asked

    def sentence(self, system_id: int, now_s: float) -> str:
        """Why an aircraft that is nobody's is nobody's; "" for one that is somebody's or merely undeclared."""
        with self._lock:
            heard = self._heard.get(system_id)
            if heard is None or heard.asset_id is not None:
                return ""
            says = f"the serial number {heard.serial_number}" if heard.serial_number else "no serial number"
            declared = self._by_system_id.get(system_id)
            if declared is not None:
                return self._wrong_number(declared, heard, says, now_s)
            asset = self._by_serial_number.get(heard.serial_number) if heard.serial_number else None
            if asset is None:
                return ""
            return (
                f"An aircraft with system id {system_id} says {says}, which is that of {asset.name}, "
                + (
                    f"declared with system id {asset.system_id}"
                    if asset.system_id is not None
                    else "already heard elsewhere, or it does not sign"
                )
                + "; it is shown and not commanded."
            )

    def _wrong_number(self, declared: Asset, heard: _Heard, says: str, now_s: float) -> str:
        name, number = declared.name, declared.serial_number
        if heard.told:
            return (
                f"An aircraft with the system id {declared.system_id} of {name} says {says} and not {number}: it is "
                "another one, or its autopilot was replaced. It is shown and not commanded."
            )
        if now_s - heard.first_s < PATIENCE_S:
            return f"An aircraft with the system id of {name} is heard; its serial number is being asked for."
        return (
            f"An aircraft with the system id of {name} does not tell its serial number (AUTOPILOT_VERSION), so it is "
            f"not known to be {name}; it is shown and not commanded."
        )

    def problem_of(self, asset_id: str, now_s: float) -> str:
        """What keeps an asset from being found on the air, as far as it is known."""
        asset = self._assets[asset_id]
        with self._lock:
            found = None if asset.serial_number else self._heard.get(asset.system_id or 0)
            if found is not None and found.asset_id == asset_id:
                return ""
            ids = () if asset.system_id is None else (asset.system_id,)
            if asset.serial_number:
                also = (system_id for system_id, one in self._heard.items() if one.serial_number == asset.serial_number)
                ids = tuple(dict.fromkeys((*ids, *also)))
            heard = ((system_id, self._heard.get(system_id)) for system_id in ids)
            audible = (system_id for system_id, one in heard if one and now_s - one.last_s < self._silence_s)
            return " ".join(filter(None, (self.sentence(system_id, now_s) for system_id in audible)))
