"""Hold 256 MiB until a line arrives on standard input."""

held = bytearray(b"x") * (256 << 20)
print("ready", flush=True)
input()
