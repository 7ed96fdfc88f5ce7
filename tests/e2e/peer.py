"""Somebody in a call who is no browser: aiortc, and nothing but our HTTP API to signal by."""

import asyncio
import json
import threading
from collections.abc import Coroutine
from fractions import Fraction
from itertools import count
from typing import Any, TypeVar

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.sdp import candidate_from_sdp
from av import VideoFrame

API = "/ocs/v2.php/apps/spreed/api"
IN_CALL = 1
ALL_MEDIA = 7
WIDTH, HEIGHT, FRAMES = 160, 120, 10
CLOCK = 90_000

Result = TypeVar("Result")


class Picture(MediaStreamTrack):
    """A grey picture of one brightness, by which the receiver recognizes the sender."""

    kind = "video"

    def __init__(self, brightness: int) -> None:
        super().__init__()
        self._brightness = brightness
        self._numbers = count()

    async def recv(self) -> VideoFrame:
        """Return the next picture when its time has come."""
        await asyncio.sleep(1 / FRAMES)
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for plane, value in zip(frame.planes, (self._brightness, 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = next(self._numbers) * CLOCK // FRAMES, Fraction(1, CLOCK)
        return frame


class Connection:
    """What connects us with one other session; ``seen`` is the brightness of each picture."""

    def __init__(self, sid: str, brightness: int) -> None:
        self.sid = sid
        self.seen: list[int] = []
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._picture = Picture(brightness)
        self._watching: set[asyncio.Task[None]] = set()
        self._early: list[Any] = []
        self.pc.on("track", self._watch)

    async def offer(self) -> RTCSessionDescription:
        """Begin as the one who calls."""
        self.pc.addTrack(self._picture)
        self.pc.addTransceiver("audio", direction="recvonly")
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return self.pc.localDescription

    async def answer(self, sdp: str) -> RTCSessionDescription:
        """Take an offer."""
        await self._take("offer", sdp)
        if self._picture not in {sender.track for sender in self.pc.getSenders()}:
            self.pc.addTrack(self._picture)
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        return self.pc.localDescription

    async def answered(self, sdp: str) -> None:
        """Take the answer to our offer."""
        await self._take("answer", sdp)

    async def candidate(self, received: dict[str, Any]) -> None:
        """Take one more way to reach the other side, which may come before its description."""
        candidate = candidate_from_sdp(received["candidate"].partition(":")[2])
        candidate.sdpMid, candidate.sdpMLineIndex = received["sdpMid"], received["sdpMLineIndex"]
        if self.pc.remoteDescription is None:
            self._early.append(candidate)
        else:
            await self.pc.addIceCandidate(candidate)

    async def close(self) -> None:
        """End it."""
        await self.pc.close()
        for task in self._watching:
            task.cancel()

    async def _take(self, kind: str, sdp: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp, kind))
        while self._early:
            await self.pc.addIceCandidate(self._early.pop(0))

    def _watch(self, track: MediaStreamTrack) -> None:
        if track.kind == "video":
            self._watching.add(asyncio.create_task(self._look(track)))

    async def _look(self, track: Any) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            plane = frame.planes[0]
            row = bytes(plane)[: frame.width]
            self.seen.append(sum(row) // len(row))


class Peer:
    """A guest with a device, who joins a call and shows one brightness to everybody in it."""

    def __init__(self, address: str, token: str, name: str, brightness: int) -> None:
        self.name, self.token = name, token
        self.connections: dict[str, Connection] = {}
        self.settings: dict[str, Any] = {}
        self.session = ""
        self._brightness = brightness
        self._pulling: asyncio.Task[None] | None = None
        headers = {"OCS-APIRequest": "true", "Accept": "application/json"}
        self._http = httpx.AsyncClient(base_url=address + API, headers=headers, timeout=40)

    async def join(self) -> "Peer":
        """Join the conversation with a name, join the call, and start to poll."""
        entered = await self._ask("POST", f"v4/room/{self.token}/participants/active")
        self.session = entered["sessionId"]
        await self._ask("POST", f"v1/guest/{self.token}/name", displayName=self.name)
        self.settings = await self._ask("GET", f"v3/signaling/settings?token={self.token}")
        await self._ask("POST", f"v4/call/{self.token}", flags=ALL_MEDIA)
        self._pulling = asyncio.create_task(self._pull())
        return self

    async def leave(self) -> None:
        """Hang up, and go."""
        if self._pulling is not None:
            self._pulling.cancel()
        for connection in self.connections.values():
            await connection.close()
        await self._ask("DELETE", f"v4/room/{self.token}/participants/active")
        await self._http.aclose()

    async def until_seen(self, others: int, pictures: int, within: float) -> list[int]:
        """Wait for so many pictures of so many others; return the usual brightness of each."""
        async with asyncio.timeout(within):
            while not self._sees(others, pictures):
                if self._pulling is not None and self._pulling.done():
                    self._pulling.result()
                await asyncio.sleep(0.05)
        return [sorted(each.seen)[len(each.seen) // 2] for each in self.connections.values()]

    def _sees(self, others: int, pictures: int) -> bool:
        enough = [each for each in self.connections.values() if len(each.seen) >= pictures]
        return len(enough) == others

    async def _pull(self) -> None:
        while True:
            for item in await self._ask("GET", f"v3/signaling/{self.token}"):
                if item["type"] == "message":
                    await self._receive(json.loads(item["data"]))
                else:
                    await self._see(item["data"])

    async def _see(self, users: list[dict[str, Any]]) -> None:
        """Call each session in the call that is not connected; the greater session id calls."""
        here = {user["sessionId"] for user in users if user["inCall"] & IN_CALL}
        for session in self.connections.keys() - here:
            await self.connections.pop(session).close()
        for session in here - self.connections.keys() - {self.session}:
            if self.session > session:
                connection = self._connect(session, f"aiortc-{len(self.connections)}")
                await self._describe(session, await connection.offer())

    async def _receive(self, message: dict[str, Any]) -> None:
        session, kind, payload = message["from"], message["type"], message.get("payload")
        if message.get("roomType") != "video":
            return
        connection = self.connections.get(session)
        if kind == "offer":
            if connection is None or connection.sid != message["sid"]:
                connection = self._connect(session, message["sid"])
            await self._describe(session, await connection.answer(payload["sdp"]))
        elif connection is None:
            return
        elif kind == "answer":
            await connection.answered(payload["sdp"])
        elif kind == "candidate":
            await connection.candidate(payload["candidate"])

    def _connect(self, session: str, sid: str) -> Connection:
        self.connections[session] = Connection(sid, self._brightness)
        return self.connections[session]

    async def _describe(self, session: str, description: RTCSessionDescription) -> None:
        payload = {"type": description.type, "sdp": description.sdp, "nick": self.name}
        message = {
            "to": session,
            "sid": self.connections[session].sid,
            "roomType": "video",
            "type": description.type,
            "payload": payload,
        }
        item = {"ev": "message", "fn": json.dumps(message), "sessionId": self.session}
        await self._ask("POST", f"v3/signaling/{self.token}", messages=json.dumps([item]))

    async def _ask(self, method: str, path: str, **data: Any) -> Any:
        answer = await self._http.request(method, path, json=data or None)
        assert answer.is_success, (method, path, answer.status_code, answer.text[:500])
        return answer.json()["ocs"]["data"]


class Stage:
    """An event loop in a thread of its own, as that of the test may be a browser's."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, what: Coroutine[Any, Any, Result]) -> Result:
        """Run something, and return its result."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(60)

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
