"""What a component takes: a value, or the Var that holds it in the browser."""

from typing import TypeAlias

import reflex as rx

Text: TypeAlias = str | rx.Var[str]
Flag: TypeAlias = bool | rx.Var[bool]
Whole: TypeAlias = int | rx.Var[int]
