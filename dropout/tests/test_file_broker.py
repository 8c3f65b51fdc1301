"""The embedded queue: a worker never sees half a message."""

from pathlib import Path

import pytest
from kombu import Connection

from dropout import file_broker


@pytest.fixture
def queue(tmp_path):
    """A queue in files, and the folder where its messages lie."""
    file_broker.install()
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path / "c")}
    with Connection("filesystem://", transport_options=folders) as connection:
        waiting = connection.SimpleQueue(tmp_path.name)  # kombu remembers the queues of a process by name
        yield waiting, tmp_path
        waiting.close()


def test_a_message_put_is_taken_once(queue):
    waiting, folder = queue
    waiting.put({"job": 7})
    assert len(list(folder.glob("*.msg"))) == 1
    message = waiting.get(timeout=5)
    assert message.payload == {"job": 7}
    message.ack()
    assert list(folder.glob("*.msg")) + list(folder.glob("*.unfinished")) == []


def test_a_worker_that_looks_while_a_message_is_written_finds_none_yet(queue, monkeypatch):
    waiting, _folder = queue
    seen_meanwhile = []
    write = Path.write_bytes

    def written(path, data):
        write(path, data[:10])
        with pytest.raises(waiting.Empty):
            waiting.get(block=False)
        seen_meanwhile.append(path.name)
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", written)
    waiting.put({"job": 8})
    assert len(seen_meanwhile) == 1
    assert waiting.get(timeout=5).payload == {"job": 8}
