"""What an airframe's own parameters let it do at best, for the bound that its flights are measured against."""

from dfr.airspace.bound import Performance
from dfr.fleet.firmware import FirmwareError, ParameterFile

NAMES = ("COM_SPOOLUP_TIME", "MPC_Z_V_AUTO_UP", "MPC_XY_CRUISE", "MPC_ACC_HOR")


def performance_of(file: ParameterFile) -> Performance:
    """From the PX4 parameters of an airframe. Raises FirmwareError naming those that its file does not have."""
    values = {parameter.name: float(parameter.value) for parameter in file.parameters}
    missing = [name for name in NAMES if name not in values]
    if missing:
        raise FirmwareError(f"{file.airframe} does not set {', '.join(missing)}, so its best flight is not known.")
    arming_s, climb_mps, speed_mps, acceleration_mps2 = (values[name] for name in NAMES)
    return Performance(arming_s, climb_mps, speed_mps, acceleration_mps2)
