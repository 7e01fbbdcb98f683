from enum import StrEnum
from typing import TypeVar, dataclass_transform

T = TypeVar("T")

class Constants(StrEnum): ...

@dataclass_transform(frozen_default=True)
def frozen(cls: type[T]) -> type[T]: ...
