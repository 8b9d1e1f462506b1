package org.probity.simulation.planted;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;

/**
 * The product and the simulator once more, with other classes in some places. Everything else, the
 * libraries and the JDK, is shared.
 */
final class PlantedClasses extends ClassLoader {
  private final Map<String, byte[]> replacements;

  PlantedClasses(Map<String, byte[]> replacements) {
    super(PlantedClasses.class.getClassLoader());
    this.replacements = replacements;
  }

  /** What {@link PlantedRun#run} says in here. */
  @SuppressWarnings("unchecked")
  List<String> run(long seed, List<String> kinds) {
    try {
      Method run = loadClass(PlantedRun.class.getName()).getMethod("run", long.class, List.class);
      return (List<String>) run.invoke(null, seed, kinds);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a simulation that does not end", e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!Replacement.isOurs(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    byte[] bytes = replacements.get(name);
    try {
      bytes = bytes != null ? bytes : Replacement.real(getParent(), name);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
    if (bytes.length == 0) {
      throw new ClassNotFoundException(name);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }
}
