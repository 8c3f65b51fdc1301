"""The embedded queue of messages in files, with the one thing kombu's own leaves out: a message appears whole.

kombu opens the message under its final name and then writes it; a worker that looks in between takes an empty file,
dies of "Unrecoverable error: JSONDecodeError", and the message is lost. A rename cannot be seen half done.
"""

from pathlib import Path
from time import monotonic_ns
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """kombu's, but for how a message is put."""

    def _put(self, queue: str, payload: dict, **kwargs: object) -> None:
        folder, name = Path(self.data_folder_out), f"{monotonic_ns() // 1_000_000}_{uuid4()}"
        unfinished = folder / f"{name}.unfinished"  # no worker takes what does not end in its queue's name
        try:
            unfinished.write_bytes(str_to_bytes(dumps(payload)))
            unfinished.replace(folder / f"{name}.{queue}.msg")
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {str(folder)!r}") from error


class Transport(filesystem.Transport):
    """What `filesystem://` means in this product."""

    Channel = Channel


def install() -> None:
    """Make `filesystem://` this transport, for whoever opens a connection hereafter."""
    TRANSPORT_ALIASES["filesystem"] = "dropout.file_broker:Transport"
