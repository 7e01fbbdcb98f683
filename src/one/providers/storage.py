"""Files."""

from one.ontology.services import Action, Parameter, Service

_FILE = Parameter(
    "file",
    "json",
    required=True,
    words=("image", "video", "audio", "document", "content", "data", "recording", "transcript"),
)

SERVICES = (
    Service(
        "storage",
        "Storage",
        ("storage", "file storage", "cloud storage", "s3", "file service"),
        (
            Action(
                "save",
                (
                    "save file",
                    "store file",
                    "upload file",
                    "save",
                    "store",
                    "upload",
                    "save the file",
                    "upload the file",
                    "store the file",
                ),
                (_FILE, Parameter("name", "text")),
                result="json",
                fields={"id": "text", "url": "text"},
                effect="reversible",
                inverse="delete",
            ),
            Action(
                "delete",
                ("delete file", "delete", "remove file"),
                (_FILE,),
                result="boolean",
                effect="irreversible",
            ),
        ),
        doc="Keeps files.",
    ),
)
