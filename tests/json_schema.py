"""A JSON Schema validator for the keywords that repix's schemas use; any other keyword is an error."""

from collections.abc import Mapping
from typing import Any

NOTES = {"$schema", "title", "description", "default"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


def accepts(schema: Mapping[str, Any], value: Any) -> bool:
    return all(_holds(keyword, said, schema, value) for keyword, said in schema.items() if keyword not in NOTES)


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _holds(keyword: str, said: Any, schema: Mapping[str, Any], value: Any) -> bool:
    number = value if _is("number", value) else None
    items = value if isinstance(value, list) else []
    table = value if isinstance(value, dict) else {}
    match keyword:
        case "type":
            return _is(said, value)
        case "enum":
            return value in said
        case "const":
            return type(value) is type(said) and value == said
        case "anyOf":
            return any(accepts(one, value) for one in said)
        case "not":
            return not accepts(said, value)
        case "minimum":
            return number is None or number >= said
        case "exclusiveMinimum":
            return number is None or number > said
        case "maximum":
            return number is None or number <= said
        case "multipleOf":
            return number is None or number % said == 0
        case "items":
            return all(accepts(said, one) for one in items)
        case "minItems":
            return not isinstance(value, list) or len(value) >= said
        case "maxItems":
            return len(items) <= said
        case "required":
            return not isinstance(value, dict) or set(said) <= table.keys()
        case "properties":
            return all(accepts(said[name], one) for name, one in table.items() if name in said)
        case "additionalProperties":
            return said or table.keys() <= schema["properties"].keys()
    raise AssertionError(f"the keyword {keyword} is not known here")
