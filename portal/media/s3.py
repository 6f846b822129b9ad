"""Files in an object store that speaks the S3 protocol.

Credentials and region come from the environment or the machine's role, by the library's own
rules (`AWS_ACCESS_KEY_ID`, `AWS_PROFILE`, …); none of them passes through the portal's settings.
"""

from __future__ import annotations

import io
from functools import cached_property
from pathlib import Path
from typing import Any
from typing import BinaryIO

from portal.errors import ConfigError
from portal.media.storage import check_name
from portal.media.storage import public_url
from portal.media_types import media_type_of

_GONE = {"404", "NoSuchKey", "NotFound"}
_PIECE = 262_144


class S3Storage:
    """Files below a prefix of a bucket. Safe to share between threads."""

    def __init__(self, bucket: str, prefix: str = "", endpoint: str | None = None) -> None:
        self.folder: Path | None = None
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._endpoint = endpoint

    @cached_property
    def _client(self) -> Any:
        try:
            import boto3  # noqa: PLC0415 - optional, and a second to load
        except ImportError as problem:
            raise ConfigError(
                "PORTAL_MEDIA_STORE names an S3 bucket, but boto3 is not installed;"
                " run: pip install 'provincial-portal[s3]'"
            ) from problem
        return boto3.client("s3", endpoint_url=self._endpoint)

    def put(self, name: str, data: bytes) -> None:
        """Upload; an object store shows an object when all of it has arrived."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=self._key(name),
            Body=data,
            ContentType=media_type_of(name),
            CacheControl="public, max-age=31536000, immutable",
        )

    def open(self, name: str) -> BinaryIO:
        """The object's content; what is skipped by `seek` is not transferred."""
        try:
            content = _Content(self._client, self._bucket, self._key(name))
        except self._client.exceptions.ClientError as problem:
            if problem.response["Error"]["Code"] in _GONE:
                raise FileNotFoundError(name) from problem
            raise
        return io.BufferedReader(content, _PIECE)

    def url(self, name: str) -> str:
        """The portal's own address: pages load nothing from other hosts."""
        return public_url(name)

    def delete(self, name: str) -> None:
        """Remove the object."""
        self._client.delete_object(Bucket=self._bucket, Key=self._key(name))

    def exists(self, name: str) -> bool:
        """Whether the object is there."""
        try:
            self._client.head_object(Bucket=self._bucket, Key=self._key(name))
        except self._client.exceptions.ClientError as problem:
            if problem.response["Error"]["Code"] in _GONE:
                return False
            raise
        return True

    def _key(self, name: str) -> str:
        return self._prefix + check_name(name)


class _Content(io.RawIOBase):
    """An object as a file: asked for at once, and again from where a reader jumps to."""

    def __init__(self, client: Any, bucket: str, key: str) -> None:
        self._client = client
        self._object = {"Bucket": bucket, "Key": key}
        found = client.get_object(**self._object)
        self._length: int = found["ContentLength"]
        self._version: str = found["ETag"]
        self._body = found["Body"]
        self._body_at = self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(0, origin + offset)
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        if self._position >= self._length:
            return 0
        if self._position != self._body_at:
            self._jump()
        data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        self._position = self._body_at = self._position + len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()

    def _jump(self) -> None:
        self._body.close()
        # Of the same version: parts of two would be a file that never was.
        found = self._client.get_object(
            **self._object, Range=f"bytes={self._position}-", IfMatch=self._version
        )
        self._body, self._body_at = found["Body"], self._position
