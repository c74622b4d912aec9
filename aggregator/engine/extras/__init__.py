"""What optional extras bring: can it be used on this machine?"""
