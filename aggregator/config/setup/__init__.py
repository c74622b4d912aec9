"""What a beginner needs: how the program was installed, and a first configuration file of one's own."""
