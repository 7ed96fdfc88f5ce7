"""Somebody whose camera others watch through the SFU."""

import asyncio

from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack

from tests.servers.hpb_client import Frame, HPBClient

#: Seconds until somebody sees a picture, on a busy machine.
PATIENCE = 20


def watch(publisher: HPBClient, viewer: HPBClient, *, room_type: str = "video") -> int:
    """Publish, and return the width of the first picture that the viewer gets.

    Both are in the call. Raises Refused if the server does not let the publisher publish.
    """
    return asyncio.run(asyncio.wait_for(_watch(publisher, viewer, room_type), PATIENCE))


class Refused(Exception):
    """The server answered with an error: its code is the argument."""


async def _watch(publisher: HPBClient, viewer: HPBClient, room_type: str) -> int:
    async with _Peer(publisher, publisher.session_id, room_type) as camera:
        camera.addTrack(VideoStreamTrack())
        await camera.offer()
        async with _Peer(viewer, publisher.session_id, room_type) as screen:
            track = await screen.request()
            return (await track.recv()).width


class _Peer(RTCPeerConnection):
    """One end of a stream; the other is the server, in the name of the publisher."""

    def __init__(self, client: HPBClient, publisher: str, room_type: str) -> None:
        super().__init__()
        self._client = client
        self._publisher = publisher
        self._about = {"to": publisher, "roomType": room_type}

    async def __aenter__(self) -> "_Peer":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def offer(self) -> None:
        await self.setLocalDescription(await self.createOffer())
        await self._send("offer", payload=self._description())
        answer = await self._receive("answer")
        await self.setRemoteDescription(_session_description(answer))

    async def request(self) -> object:
        """Ask for the stream, and return its track."""
        await self._send("requestoffer")
        offer = await self._receive("offer")
        await self.setRemoteDescription(_session_description(offer))
        await self.setLocalDescription(await self.createAnswer())
        await self._send("answer", payload=self._description(), sid=offer.get("sid"))
        [receiver] = self.getReceivers()
        return receiver.track

    def _description(self) -> dict[str, str]:
        return {"type": self.localDescription.type, "sdp": self.localDescription.sdp}

    async def _send(self, kind: str, **more: object) -> None:
        data = self._about | {"type": kind} | more
        await asyncio.to_thread(self._client.message, data, session=self._publisher)

    async def _receive(self, kind: str) -> Frame:
        frame = await asyncio.to_thread(
            self._client.expect_frame, lambda frame: _is(frame, kind) or frame["type"] == "error"
        )
        if frame["type"] == "error":
            raise Refused(frame["error"]["code"])
        return frame["message"]["data"]


def _is(frame: Frame, kind: str) -> bool:
    return frame["type"] == "message" and frame["message"]["data"]["type"] == kind


def _session_description(data: Frame) -> RTCSessionDescription:
    return RTCSessionDescription(data["payload"]["sdp"], data["payload"]["type"])
