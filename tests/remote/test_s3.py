"""`s3://` with moto's server, a process on this machine that speaks like S3."""

import json
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import repix
from repix.cli._app import run
from repix.errors import Unreachable
from repix.remote import Stores

CONVERT = ["convert", "denoise-color", "--engine", "echo"]


@pytest.fixture
def bucket(s3, photos):
    """The pictures in the bucket."""
    for name in ("a.png", "b.jpg", "sub/c.png"):
        s3.put_file(str(photos / name), f"photos/set/{name}")
    return s3


def outputs(s3, folder):
    return {key.removeprefix(f"{folder}/"): s3.cat_file(key) for key in s3.find(folder) if ".repix" not in key}


def test_folders_from_bucket_to_bucket_and_again(bucket, photos, tmp_path, capsys):
    assert run([*CONVERT, str(photos), "-o", str(tmp_path / "local"), "-r"]) == 0
    command = [*CONVERT, "s3://photos/set", "-o", "s3://photos/out", "-r", "--workers", "3"]
    assert run(command) == 0
    assert "s3://photos/out/sub/c.png\n" in capsys.readouterr().out
    wanted = {name: (tmp_path / "local" / name).read_bytes() for name in ("a.png", "b.jpg", "sub/c.png")}
    assert outputs(bucket, "photos/out") == wanted
    before = {key: one["LastModified"] for key, one in bucket.find("photos/out", detail=True).items() if ".png" in key}
    assert run([*command, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [one["state"] for one in report["files"]] == ["kept"] * 3
    assert report["files"][0]["source"] == "s3://photos/set/a.png"
    now = bucket.find("photos/out", detail=True)
    assert {key: now[key]["LastModified"] for key in before} == before


def test_a_file_to_a_file_with_a_side_output(bucket, capsys):
    command = [*CONVERT, "s3://photos/set/a.png", "-o", "s3://photos/out/x.png", "--compare"]
    assert run(command) == 0
    assert outputs(bucket, "photos/out").keys() == {"x.png", "x-compare.png"}
    assert run(command) == 1
    assert "s3://photos/out/x.png exists already; use --overwrite" in capsys.readouterr().err
    assert run([*command, "--overwrite"]) == 0


def test_filters_and_lists_take_urls(bucket, tmp_path, capsys):
    assert run(["filter", "median", "s3://photos/set/a.png", "-o", str(tmp_path / "a.png")]) == 0
    assert repix.read(tmp_path / "a.png").size == (9, 7)
    lines = [{"source": "s3://photos/set/a.png", "target": "deep/x.png"}, {"source": "s3://photos/set/b.jpg"}]
    manifest = tmp_path / "list.jsonl"
    manifest.write_text("\n".join(map(json.dumps, lines)))
    assert run([*CONVERT, "--files", str(manifest), "-o", "s3://photos/listed", "--compare"]) == 0
    found = outputs(bucket, "photos/listed")
    assert found.keys() == {"deep/x.png", "deep/x-compare.png", "b.jpg", "b-compare.png"}
    manifest.write_text("\n".join(map(json.dumps, [lines[0], {"source": "ftp://photos/b.jpg"}])))
    capsys.readouterr()
    assert run([*CONVERT, "--files", str(manifest), "-o", str(tmp_path / "listed")]) == 1
    assert "list.jsonl, line 2" in capsys.readouterr().err  # not found, below the list's folder
    lines[1]["target"] = "a.png"
    manifest.write_text("\n".join(map(json.dumps, lines)))
    assert run([*CONVERT, "--files", str(manifest), "-o", "s3://photos/set"]) == 2
    assert "line 2 would be written to s3://photos/set/a.png, which is the source of line 1" in capsys.readouterr().err


def test_python(bucket):
    report = repix.convert_folder("denoise-color", "s3://photos/set", "s3://photos/python")
    assert report.count("done") == 2


def test_odd_keys(bucket):
    """Keys that no path can have are left out; spaces, percent and Unicode are kept as they are."""
    content = bucket.cat_file("photos/set/a.png")
    bucket.rm("photos/set", recursive=True)
    for key in ("set/ä b%20#?.png", "set//double.png", "set/./dot.png", "set/folder/"):
        bucket.call_s3("put_object", Bucket="photos", Key=key, Body=content)
    assert run([*CONVERT, "s3://photos/set", "-o", "s3://photos/out", "-r"]) == 0
    assert outputs(bucket, "photos/out").keys() == {"ä b%20#?.png"}


def test_conditions_hold(bucket, tmp_path):
    with Stores() as stores:
        path = stores.located("s3://photos/new")
        (tmp_path / "x").write_bytes(b"2")
        assert path.store.create(path.key, b"1")
        assert not path.store.create(path.key, b"2")
        with pytest.raises(FileExistsError):
            path.store.publish(tmp_path / "x", path.key, overwrite=False)
        before = path.stat()
        path.store.publish(tmp_path / "x", path.key, overwrite=True)
        assert path.store.read(path.key) == b"2"
        after = path.stat()
        assert before.st_size == after.st_size
        assert before.st_ino != after.st_ino  # in the same second
        (listed,) = [one for one in path.parent.files(recursive=False) if one.name == "new"]
        assert listed.listed == after
        path.store.remove(path.key, "photos/missing")
        assert not path.exists()


@pytest.mark.parametrize(
    ("changes", "url", "sentence"),
    [
        ({}, "s3://nowhere/set", "s3://nowhere: there is no such bucket; create it"),
        ({}, "s3://photos/none.png", "s3://photos/none.png: there is no such file."),
        ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "s3://photos/set", "There are no credentials for"),
        ({"AWS_PROFILE": "nobody"}, "s3://photos/set", "AWS_PROFILE names a profile that ~/.aws does not have"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "s3://photos/set", "http://127.0.0.1:1 cannot be reached for s3:"),
    ],
)
def test_what_cannot_be_used_is_said(bucket, tmp_path, monkeypatch, capsys, changes, url, sentence):
    for name, value in changes.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    monkeypatch.setattr("repix.remote.s3.TRIES", 1)
    assert run([*CONVERT, url, "-o", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_bucket_that_may_only_be_read(bucket, s3_address, monkeypatch, capsys):
    """moto checks the rights of users that it knows, once it is told to."""
    boto3 = pytest.importorskip("boto3")
    users = boto3.client("iam")
    users.create_user(UserName="reader")
    read = {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [read]})
    users.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
    key = users.create_access_key(UserName="reader")["AccessKey"]
    users.close()

    def check_rights_after(requests: str) -> None:
        connection = HTTPConnection(s3_address.removeprefix("http://"))
        connection.request("POST", "/moto-api/reset-auth", requests, {"Content-Type": "text/plain"})
        assert connection.getresponse().status == 200
        connection.close()

    command = [*CONVERT, "s3://photos/set", "-o", "s3://photos/out"]
    check_rights_after("0")
    try:
        assert run(command) == 1
        assert "refuses the credentials for s3://photos (InvalidAccessKeyId)" in capsys.readouterr().err
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        assert run(command) == 1
        assert "refuses the credentials for s3://photos (SignatureDoesNotMatch)" in capsys.readouterr().err
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        assert run(command) == 1
        assert "s3://photos/out/.repix-lock cannot be written: " in capsys.readouterr().err
    finally:
        check_rights_after("inf")


@pytest.fixture
def expired():
    """A server whose every answer is that the token has expired."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            body = b"<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
            self.send_response(400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_expired_credentials(s3, expired, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", expired)
    with Stores() as stores, pytest.raises(Unreachable, match="credentials for s3://photos have expired; renew them"):
        stores.located("s3://photos/set").is_dir()
