"""What targets of straight-line code share: each weight a name of its own, one assignment for each shared value.

A target of this form has a `Language` and says by a `NetworkCode`, and where it writes functions by a `FunctionCode`,
what data look like; `network_module` and `function_module` write the rest.
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
