"""The program as what people run and read. Pure: the same program gives the same bytes.

module      the Python module: what it is given, what it gives, the flow
statements  a body of steps; shapes and outside write the primitives that are no data command
effects     data commands; expressions: values; scope: names; writer: lines
"""

from one.compiler.emit.module import Emitted, emit

EMITTER_VERSION = 2

__all__ = ["EMITTER_VERSION", "Emitted", "emit"]
