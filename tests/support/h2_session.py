"""A session of the native transport with a client before it: a clock to turn, and everything counted."""

from collections.abc import Callable, Mapping

from extauthz.transport.cause import Cause
from extauthz.transport.limits import Limits
from extauthz.transport.memory import Memory
from extauthz.transport.methods import Method, Methods, Outgoing, StreamingMethod, UnaryMethod
from extauthz.transport.session import Session
from extauthz.transport.status import CallError, Status
from support.h2_peer import CHECK_PATH, Answer, Peer

STREAM_PATH = b"/test.Service/Stream"
CHAT_PATH = b"/test.Service/Chat"
LIMITS = Limits(
    message_bytes=100_000,
    expanded_bytes=100_000,
    streams=10,
    age=300.0,
    age_grace=30.0,
    keepalive=60.0,
    keepalive_timeout=20.0,
)
CALLER = object()


class Account:
    """Counts calls of one method: how many began, and the status and time of each that ended."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended: list[int] = []
        self.seconds: list[float] = []

    def started(self) -> None:
        self.begun += 1

    def answered(self, seconds: float) -> None:
        self.started()
        self.handled(0, seconds)

    def handled(self, status: int, seconds: float) -> None:
        self.ended.append(status)
        self.seconds.append(seconds)


class Chat:
    """One call of a streaming method that keeps what it hears, and says what a test lets it say."""

    def __init__(self, outgoing: Outgoing) -> None:
        self.outgoing = outgoing
        self.heard: list[bytes] = []
        self.client_done = False
        self.over = False

    def message(self, raw: bytes) -> None:
        if raw == b"refuse":
            raise CallError(Status.INVALID_ARGUMENT, "refused")
        self.heard.append(raw)

    def no_more(self) -> None:
        self.client_done = True

    def ended(self) -> None:
        self.over = True


class Served:
    """A session and its client. Bytes go each way when a test says so."""

    def __init__(
        self,
        answer: Callable[[bytes, object], bytes] | None = None,
        *,
        limits: Limits = LIMITS,
        peer_settings: dict[int, int] | None = None,
        memory: Memory | None = None,
        overloaded: Callable[[bytes, object], bytes] | None = None,
        spread: float = 1.0,
        handshake: float = 0.0,
        hello: bool = True,
        automatic: bool = True,
    ) -> None:
        """``answer`` is the unary method, which echoes unless told otherwise.

        ``hello``: the client has introduced itself, and what the server said to that has been read.
        ``automatic``: the client sends its acknowledgements and window updates by itself. ``handshake``: seconds that
        it took.
        """
        self._automatic = automatic
        self.now = 1000.0
        self.asked: list[tuple[bytes, object]] = []
        self.counted: list[Cause] = []
        self.reports: list[str] = []
        self.woken = 0
        self.introduced = 0
        """How often the session said that somebody asked."""
        self.may_ask = True
        self.account = Account()
        self.stream_account = Account()
        self.chats: list[Chat] = []
        self._answer = answer
        self.memory = memory or Memory(1 << 30)
        self.peer = Peer(peer_settings)
        self.session = Session(
            limits,
            self._methods(overloaded),
            caller=CALLER,
            asked=self._asked,
            clock=lambda: self.now,
            begun=self.now - handshake,
            spread=spread,
            memory=self.memory,
            count=self.counted.append,
            report=self.reports.append,
            wake=self._wake,
        )
        if hello:
            self.send(self.peer.hello)
            if not automatic:
                self.send(self.peer.acknowledgements())

    def _asked(self) -> bool:
        self.introduced += 1
        return self.may_ask

    def send(self, data: bytes) -> bytes:
        """Let the client say something; return what the server answers, which the client has read too."""
        self.session.receive(data)
        return self.flush()

    def flush(self) -> bytes:
        """Return what the server has to say, which the client has read too."""
        output = self.session.output()
        self.peer.read(output)
        while self._automatic and not self.session.finished and (said := self.peer.acknowledgements()):
            self.session.receive(said)
            more = self.session.output()
            self.peer.read(more)
            output += more
        return output

    def later(self, seconds: float, *, unwritten: int = 0) -> bytes:
        """Let time pass, and the session look at it."""
        self.now += seconds
        self.session.tick(self.now, unwritten=unwritten)
        return self.flush()

    def ask(self, content: bytes) -> Answer:
        """Make one whole request, and return what there is of the answer then."""
        stream_id, sent = self.peer.request(content)
        self.send(sent)
        return self.peer.answers[stream_id]

    def call(self, fields: list[tuple[bytes, bytes]], *frames: Callable[[int], bytes]) -> Answer:
        """Make a request of these headers and frames, each in a read of its own."""
        stream_id, head = self.peer.head(fields)
        self.send(head)
        for one in frames:
            self.send(one(stream_id))
        return self.peer.answers[stream_id]

    @property
    def chat(self) -> Chat:
        """The streaming call that was opened last."""
        return self.chats[-1]

    def _methods(self, overloaded: Callable[[bytes, object], bytes] | None) -> Methods:
        def unary(raw: bytes, caller: object) -> bytes:
            self.asked.append((raw, caller))
            return raw if self._answer is None else self._answer(raw, caller)

        methods: Mapping[bytes, Method] = {
            CHECK_PATH: UnaryMethod(unary, self.account, overloaded),
            STREAM_PATH: StreamingMethod(self._open, self.stream_account, several=False),
            CHAT_PATH: StreamingMethod(self._open, self.stream_account, several=True),
        }
        return methods

    def _open(self, outgoing: Outgoing) -> Chat:
        self.chats.append(Chat(outgoing))
        return self.chats[-1]

    def _wake(self) -> None:
        self.woken += 1
