"""Published data that questions stand on: fetched once, resumed after a break, checked by hash, kept in a cache.

Nothing here runs by itself. `unreachable` asks hosts, and `fetch` loads files, only for questions that an exam or a
command names. The network's libraries are imported when one of them is called.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from mockexam import __version__, paths
from mockexam.bank.loader import file_hash
from mockexam.bank.models import Download, Question, may_download
from mockexam.errors import UserError
from mockexam.files import reason_of, replace, write_error

if TYPE_CHECKING:
    from http.client import HTTPResponse

Progress = Callable[[float, str], None]
PROBE_SECONDS = 5.0  # a host that takes longer to answer is unreachable
READ_SECONDS = 15.0  # a connection that is silent for longer is cut
TRIES = 4  # connections in a row that bring nothing before a host is given up
PAUSES = (0.3, 1.0, 3.0)  # seconds before the second, third and fourth of them
CHUNK = 1 << 16
SPARE_BYTES = 50_000_000  # what stays free on the disk
MB = 10**6
_TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)  # HTTP errors that may pass
_RESUME = "What has arrived is kept: prepare again, and it continues from there."
CONNECT = "Connect to the internet, then choose the exam or the question again."


class Stopped(Exception):  # noqa: N818  # nothing went wrong
    """The user left while data were being fetched."""


class _Passing(Exception):  # noqa: N818  # another try may succeed
    """Why a connection failed, as the end of a sentence, with what may help."""

    def __init__(self, reason: str, hint: str = _RESUME) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def path_of(download: Download) -> Path:
    """Where the file lies once it is fetched and checked: files of several questions or versions never mix."""
    return paths.downloads_dir() / download.sha256[:16] / download.file


def is_here(download: Download) -> bool:
    """Whether it is there with its size: it was checked before it got its name."""
    with suppress(OSError):
        return path_of(download).stat().st_size == download.bytes
    return False


def lacking(question: Question) -> tuple[Download, ...]:
    """What must still be fetched for a question."""
    return tuple(download for download in question.downloads if not is_here(download))


def downloads_of(questions: Iterable[Question]) -> tuple[Download, ...]:
    """Their downloads, each once."""
    return tuple({one.sha256: one for question in questions for one in question.downloads}.values())


def size_text(downloads: Iterable[Download]) -> str:
    """Their size together."""
    return f"{max(0.1, sum(download.bytes for download in downloads) / MB):.1f} MB"


def left_to_fetch(questions: Iterable[Question]) -> str:
    """The size of what these questions lack together; empty if everything is here."""
    absent = [download for download in downloads_of(questions) if not is_here(download)]
    return size_text(absent) if absent else ""


def data_job(question: Question) -> dict[str, Any]:
    """All that a process which runs its `data.py` must know. Raises UserError if a download is not on this computer."""
    if absent := lacking(question):
        command = f"`mockexam bank show {question.id} --unpack FOLDER`"
        what = f"The data of {question.id} are not on this computer ({size_text(absent)}); {command} fetches them."
        raise UserError(what, location=str(paths.downloads_dir()))
    return question.contract.model_dump(include={"input", "output"}) | {
        "question": question.id,
        "folder": str(question.folder.absolute()),
        "downloads": {download.file: str(path_of(download)) for download in question.downloads},
    }


def unreachable(questions: Iterable[Question]) -> dict[str, str]:
    """By id, in one sentence, why questions can't be drawn: their data are not here, and their hosts don't answer.

    Asks each host once. Slow: call it in a thread.
    """
    waiting = [(question.id, absent) for question in questions if (absent := lacking(question))]
    sites = sorted({_site(url) for _, absent in waiting for download in absent for url in download.urls})
    with ThreadPoolExecutor(max_workers=max(1, len(sites))) as pool:
        silent = {site: why for site, why in zip(sites, pool.map(_probe, sites), strict=True) if why}
    reasons = {}
    for name, absent in waiting:
        for download in absent:
            if all(_site(url) in silent for url in download.urls):
                site = _site(download.urls[0])
                what = f"its data ({size_text(absent)}) are not on this computer yet"
                reasons[name] = f"{what}, and {_host(site)} can't be reached: {silent[site]}. {CONNECT}"
                break
    return reasons


def _probe(site: str) -> str:
    """Why a host can't be reached; empty if it answers, whatever it says."""
    import urllib.error

    try:
        _open(site + "/", {}, PROBE_SECONDS, method="HEAD").close()
    except urllib.error.HTTPError as error:
        error.close()
    except _Passing as passing:
        return passing.reason
    except UserError as error:
        return error.message.rstrip(".")
    return ""


async def fetch_for(questions: Iterable[Question], progress: Progress) -> None:
    """Fetch what these questions lack, in a thread. Raises UserError. Cancelled, it stops and keeps what arrived."""
    downloads = downloads_of(questions)
    if not downloads:
        return
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def report(fraction: float, text: str) -> None:
        if not stop.is_set():
            loop.call_soon_threadsafe(progress, fraction, text)

    work = asyncio.create_task(asyncio.to_thread(fetch, downloads, report, stop))
    try:
        await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()  # the thread notices at its next step
        work.add_done_callback(lambda left: left.cancelled() or left.exception())
        raise


def fetch(
    downloads: Sequence[Download],
    progress: Progress = lambda _fraction, _text: None,
    stop: threading.Event | None = None,
) -> None:
    """Fetch and check these files, those that are here too. Raises UserError, and Stopped once `stop` is set."""
    stop = stop or threading.Event()
    total, done = sum(download.bytes for download in downloads), 0
    for download in downloads:

        def report(arrived: int, verb: str = "Downloading", one: Download = download, before: int = done) -> None:
            if stop.is_set():
                raise Stopped
            progress(min(1.0, (before + arrived) / total), f"{verb} {one.file} ({size_text([one])})")

        try:
            _Fetching(download, report, stop).run()
        except OSError as error:
            raise write_error(error, path_of(download).parent, what="The downloaded data") from None
        done += download.bytes


class _Fetching:
    """Brings one file into the cache."""

    def __init__(self, download: Download, report: Callable[..., None], stop: threading.Event) -> None:
        self._download, self._report, self._stop = download, report, stop
        self._final = path_of(download)
        self._partial = self._final.with_name(f"{download.file}.part")

    def run(self) -> None:
        """Raises UserError, OSError and Stopped."""
        if self._is_whole():
            return
        self._final.parent.mkdir(parents=True, exist_ok=True)
        with _alone(self._final.with_name(".lock"), self._stop):
            if self._is_whole():  # another mockexam has just fetched it
                return
            self._final.unlink(missing_ok=True)
            began_earlier = self._arrived() > 0
            try:
                self._fetch()
            except _WrongFileError:
                if not began_earlier:
                    raise
                self._fetch()  # what was kept of an earlier time was no part of this file
            replace(self._partial, self._final)

    def _is_whole(self) -> bool:
        if not is_here(self._download):
            return False
        self._report(0, "Checking")
        return file_hash(self._final) == self._download.sha256

    def _arrived(self) -> int:
        try:
            return self._partial.stat().st_size
        except FileNotFoundError:
            return 0

    def _fetch(self) -> None:
        """Leave the checked file under its partial name."""
        self._check_disk()
        for url in self._download.urls:
            try:
                self._from(url)
                self._report(self._download.bytes, "Checking")
                if file_hash(self._partial) == self._download.sha256:
                    return
                self._partial.unlink()
                raise _wrong_file(self._download, url, "its SHA-256 differs")
            except UserError:
                if url == self._download.urls[-1]:
                    raise

    def _check_disk(self) -> None:
        needed, folder = self._download.bytes - self._arrived(), self._final.parent
        free = shutil.disk_usage(folder).free
        if free < needed + SPARE_BYTES:
            raise UserError(
                f"Not enough disk space for {self._download.file}: {needed / MB:.0f} MB are needed and "
                f"{SPARE_BYTES / MB:.0f} MB to spare, {free / MB:.0f} MB are free.",
                location=str(folder),
                hint="Free some space, and prepare again.",
            )

    def _from(self, url: str) -> None:
        """Get the rest of the file. Each connection that brings something renews the tries. Raises UserError."""
        failed = 0
        while self._arrived() < self._download.bytes:
            before = self._arrived()
            try:
                self._connect(url, before)
            except _Passing as passing:
                failed = 1 if self._arrived() > before else failed + 1
                if failed < TRIES:
                    if self._stop.wait(PAUSES[failed - 1]):
                        raise Stopped from None
                    continue
                arrived = self._arrived()
                so_far = f" after {arrived / MB:.1f} of {self._download.bytes / MB:.1f} MB" if arrived else ""
                message = f"{self._download.file} can't be fetched from {_host(url)}{so_far}: {passing.reason}."
                raise UserError(message, location=url, hint=passing.hint) from None

    def _connect(self, url: str, offset: int) -> None:
        """One connection. Raises _Passing if it ends before the file does, UserError if another is of no use."""
        import urllib.error

        try:
            response = _open(url, {"Range": f"bytes={offset}-"} if offset else {}, READ_SECONDS)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416 and offset:  # the server has less than what lies here
                self._partial.unlink()
                raise _Passing("the file has another length") from None
            reason = f"HTTP error {error.code} {error.reason}".rstrip()
            if error.code in _TRY_AGAIN:
                raise _Passing(reason, "The host is out of order or busy. Prepare again later.") from None
            message = f"{self._download.file} can't be fetched from {_host(url)}: {reason}."
            hint = "The publisher has moved or closed it. Report it; other exams work without it."
            raise UserError(message, location=url, hint=hint) from None
        with response:
            self._refuse_other(response, url, offset)
            self._read(response, url, offset)

    def _refuse_other(self, response: HTTPResponse, url: str, offset: int) -> None:
        """Raise UserError for a web page, or a file of another length, before it is loaded."""
        if response.headers.get_content_type() == "text/html":
            other = _host(response.geturl())
            message = f"A web page of {other} came instead of {self._download.file}."
            hint = "Your network may want you to log in: open any page in your browser, then prepare again."
            raise UserError(message, location=response.geturl(), hint=hint)
        length = response.headers.get("Content-Length", "")
        whole = self._download.bytes - (offset if response.status == 206 else 0)
        if length.isdecimal() and int(length) != whole:
            raise _wrong_file(self._download, url, f"it has {length} bytes instead of {whole}")

    def _read(self, response: HTTPResponse, url: str, offset: int) -> None:
        """Append to the partial file, or begin anew if the server sends all of it again."""
        import http.client

        resumed = response.status == 206
        if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {offset}-"):
            raise _Passing("the server continued at another place")
        with self._partial.open("ab" if resumed else "wb") as file:
            while True:
                try:
                    chunk = response.read(CHUNK)
                except (OSError, http.client.HTTPException):
                    raise _Passing("the connection broke off") from None
                if not chunk:
                    break
                file.write(chunk)
                if file.tell() > self._download.bytes:
                    self._partial.unlink()
                    raise _wrong_file(self._download, url, f"it has over {self._download.bytes} bytes")
                self._report(file.tell())
        if self._arrived() < self._download.bytes:
            raise _Passing("the connection broke off")


class _WrongFileError(UserError):
    """A host sent another file than the published one."""


def _wrong_file(download: Download, url: str, reason: str) -> _WrongFileError:
    message = f"{_host(url)} did not send the published {download.file}: {reason}. It was not used."
    hint = "Prepare again later. If it stays so, the publisher has changed the file: report it."
    return _WrongFileError(message, location=url, hint=hint)


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _open(url: str, headers: Mapping[str, str], timeout: float, method: str = "GET") -> HTTPResponse:
    """The response. Raises urllib.error.HTTPError; _Passing if nobody answers; UserError for a forbidden redirect."""
    import http.client
    import ssl
    import urllib.error
    import urllib.request

    class Redirects(urllib.request.HTTPRedirectHandler):
        """Follows only to where data may be fetched from."""

        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            target = urljoin(req.full_url, newurl)
            if not may_download(target):
                fp.close()
                message = f"{_host(req.full_url)} sends us to a page of {_host(target)} that is not secure"
                hint = "Your network may want you to log in: open any page in your browser, then prepare again."
                raise UserError(f"{message}.", location=target, hint=hint)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    handlers: list[Any] = [Redirects()]
    if urlsplit(url).scheme == "http":  # this computer itself needs no proxy
        handlers.append(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(  # noqa: S310  # checked by `may_download`
        url, headers={"User-Agent": f"mockexam/{__version__}", "Accept-Encoding": "identity", **headers}, method=method
    )
    response: HTTPResponse
    try:
        response = urllib.request.build_opener(*handlers).open(request, timeout=timeout)
    except urllib.error.HTTPError:
        raise
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        raise _passing(error.reason if isinstance(error, urllib.error.URLError) else error, ssl) from None
    return response


def _passing(cause: object, ssl: Any) -> _Passing:
    """What it means that no connection came about."""
    import socket

    if isinstance(cause, ssl.SSLCertVerificationError):
        hint = "Check this computer's date. Your network may also want you to log in: open any page in your browser."
        return _Passing("its certificate is not valid here", hint)
    if isinstance(cause, socket.gaierror):
        return _Passing("this computer is offline", CONNECT)
    if isinstance(cause, TimeoutError):
        return _Passing("it does not answer", f"{CONNECT} {_RESUME}")
    if isinstance(cause, OSError):
        return _Passing(reason_of(cause)[:1].lower() + reason_of(cause)[1:], f"{CONNECT} {_RESUME}")
    return _Passing(str(cause) or "the connection broke off")


@contextmanager
def _alone(lock: Path, stop: threading.Event) -> Iterator[None]:
    """Wait until no other mockexam fetches this file."""
    from filelock import FileLock, Timeout

    own = FileLock(lock, timeout=0.5)
    while not own.is_locked:
        if stop.is_set():
            raise Stopped
        with suppress(Timeout):
            own.acquire()
    try:
        yield
    finally:
        own.release()
