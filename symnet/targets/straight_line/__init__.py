"""The common part of targets of straight-line code: a name for every weight, an assignment for every shared value.

Such a target defines a `Language`, a `NetworkCode` that says how data are passed, and a `FunctionCode` if it writes
functions; `network_module` and `function_module` write the modules.
"""

from symnet.targets.straight_line.function import FunctionCode, function_module
from symnet.targets.straight_line.graph_code import GraphCode
from symnet.targets.straight_line.language import Language, Printed, held
from symnet.targets.straight_line.network import NetworkCode, network_module, unpacked

__all__ = [
    "FunctionCode",
    "GraphCode",
    "Language",
    "NetworkCode",
    "Printed",
    "function_module",
    "held",
    "network_module",
    "unpacked",
]
