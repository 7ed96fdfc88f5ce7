"""Much traffic for a long time: does the server keep its memory, files, threads, connections?"""
