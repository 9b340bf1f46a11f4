"""`vibenv attach`: a card's terminal in one's own, over the WebSocket that pages use (`sessions/protocol.py`)."""
