# A reader with Python's `websockets`: <address> <token>. Prints each message as a line.
import asyncio
import sys

import websockets


async def main(address, token):
    offered = ["inkwire.v1", "inkwire.token." + token]
    async with websockets.connect(address, subprotocols=offered) as socket:
        assert socket.subprotocol == "inkwire.v1", socket.subprotocol
        async for message in socket:
            print(message, flush=True)


asyncio.run(main(*sys.argv[1:]))
