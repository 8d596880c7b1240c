from crlkit.cli import main

main()
