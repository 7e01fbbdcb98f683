"""Voices."""

from one.ontology.services import Action, Parameter, Service

SERVICES = (
    Service(
        "elevenlabs",
        "ElevenLabs",
        ("elevenlabs", "eleven labs", "voice service", "voice provider"),
        (
            Action(
                "cloneVoice",
                ("clone voice", "clone a voice", "clone my voice", "create voice", "train voice"),
                (
                    Parameter(
                        "samples",
                        "json",
                        required=True,
                        words=(
                            "audio",
                            "audiosamples",
                            "recordings",
                            "sample",
                            "recording",
                            "videos",
                            "videolinks",
                        ),
                    ),
                    Parameter("name", "text"),
                ),
                result="text",
                effect="reversible",
                inverse="deleteVoice",
                errors=("VoiceRefused",),
            ),
            Action(
                "deleteVoice",
                ("delete voice", "remove voice", "delete the voice"),
                (Parameter("voice", "text", required=True, words=("voiceid", "id")),),
                result="boolean",
                effect="irreversible",
            ),
            Action(
                "speak",
                ("speak", "say", "read aloud", "generate speech", "create audio", "text to speech"),
                (
                    Parameter("text", "text", required=True, words=("script", "message", "words")),
                    Parameter("voice", "text", words=("voiceid",)),
                ),
                result="text",
            ),
        ),
        doc="Clones voices and speaks with them.",
    ),
)
