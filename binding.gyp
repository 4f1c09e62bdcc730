# For node-gyp and prebuildify. The build itself is described once, in CMakeLists.txt: this only
# calls it, and leaves to CMake what is up to date ("always" is an output that is never made).
{
  "targets": [
    {
      "target_name": "addon",
      "type": "none",
      "actions": [
        {
          "action_name": "build with CMake",
          "inputs": ["CMakeLists.txt", "<!@(ls native/*)"],
          "outputs": ["<(PRODUCT_DIR)/always"],
          "action": ["node", "<(module_root_dir)/scripts/build.mjs"]
        }
      ]
    }
  ]
}
