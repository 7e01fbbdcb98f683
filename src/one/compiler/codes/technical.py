"""E9xx: the shape of the Technical DSL."""

from one.compiler.codes.page import Page

PAGES = (
    Page(
        "E901",
        "A step has no known primitive",
        "A step is an object with one primitive, such as entity, connect, query or service.",
        """
{"feature": "pause", "flow": [{"snooze": "5s"}]}
""",
        """
{"feature": "pause", "flow": [{"wait": "5s"}]}
""",
    ),
    Page(
        "E902",
        "A step has two primitives",
        "Each step does one thing. Make two steps of it.",
        """
{"feature": "pause", "flow": [{"wait": "5s", "return": {}}]}
""",
        """
{"feature": "pause", "flow": [{"wait": "5s"}, {"return": {}}]}
""",
    ),
    Page(
        "E903",
        "A field is missing",
        "The primitive needs this field.",
        """
{"feature": "open", "flow": [{"entity": {"name": "Morning choir"}}]}
""",
        """
{"feature": "open", "flow": [{"entity": {"type": "community", "name": "Morning choir"}}]}
""",
    ),
    Page(
        "E904",
        "output stands twice",
        "The name of the result stands beside the primitive or inside it, not both.",
        """
{"feature": "open", "flow": [
  {"entity": {"type": "community", "name": "Choir", "output": "a"}, "output": "b"}
]}
""",
        """
{"feature": "open", "flow": [
  {"entity": {"type": "community", "name": "Choir"}, "output": "choir"}
]}
""",
    ),
    Page(
        "E905",
        "A length of time is not understood",
        'A length of time is a number and ms, s, m, h, d or w: "5s", "24h", "7d".',
        """
{"feature": "pause", "flow": [{"retry": {"times": 2, "delay": "soon", "do": [{"wait": "5s"}]}}]}
""",
        """
{"feature": "pause", "flow": [{"retry": {"times": 2, "delay": "1m", "do": [{"wait": "5s"}]}}]}
""",
    ),
    Page(
        "E906",
        "An operator is not known",
        "The operators are eq, ne, gt, gte, lt, lte, in, contains, startsWith, exists and between.",
        """
{"feature": "list", "flow": [{"query": {"from": "entities",
  "where": [{"field": "name", "operator": "like", "value": "choir"}]}, "output": "found"}]}
""",
        """
{"feature": "list", "flow": [{"query": {"from": "entities",
  "where": [{"field": "name", "operator": "contains", "value": "choir"}]}, "output": "found"}]}
""",
    ),
    Page(
        "E907",
        "An expression is outside the language",
        "Expressions are paths, literals, arithmetic, comparisons, and, or, not, and a short "
        "list of functions. There is nothing else in them.",
        """
{"feature": "add", "flow": [{"set": {"total": "${1 + }"}}]}
""",
        """
{"feature": "add", "flow": [{"set": {"total": "${1 + 2}"}}]}
""",
    ),
    Page(
        "E908",
        "onError says what is not known",
        "onError holds one of return, continue, retry or rollback.",
        """
{"feature": "pause", "flow": [{"wait": "5s", "onError": {"panic": true}}]}
""",
        """
{"feature": "pause", "flow": [{"wait": "5s", "onError": {"continue": true}}]}
""",
    ),
    Page(
        "E909",
        "A field or a value does not belong here",
        "The primitive has no such field, or the field takes other values.",
        """
{"feature": "open", "flow": [{"entity": {"type": "community", "name": "Choir", "colour": "red"}}]}
""",
        """
{"feature": "open", "flow": [{"entity": {"type": "community", "name": "Choir"}}]}
""",
    ),
    Page(
        "E910",
        "This is neither JSON nor a literal",
        "The Technical DSL is JSON, or an object as JavaScript writes it.",
        """
{"feature": "pause", "flow": [{"wait": "5s"]}
""",
        """
{"feature": "pause", "flow": [{"wait": "5s"}]}
""",
    ),
)
