"""gRPC over HTTP/2 on libnghttp2: requests and answers as bytes, with nothing in it that knows what they mean.

    listening   accepts connections                                       sockets
    server      counts, ages and drains connections; strangers: those of nobody that is known yet, and room: of all
    connection  one transport: reads, writes, back-pressure               asyncio
    session     one HTTP/2 connection: streams to calls, calls to frames  bytes in, bytes out, from here down
    pending     the calls of a connection that have not ended
    calls       a call that takes more than one frame or answer
    conduct     frames beside the requests, counted by guard; the times of the connection, kept by lifetime
    answering   the sending half of a connection
    head        what the headers of a request ask for
    messages    length-prefixed messages, whole or compressed
    answers     what goes back: headers, trailers, statuses
    methods     what can be called
    limits      every bound, and why; cause: what passing one is called; http2: those that libnghttp2 keeps

A request that arrives as HEADERS and one DATA frame, as Envoy's do, is answered in the loop of the session itself;
whatever is unusual about it goes the long way through ``calls``.
"""
